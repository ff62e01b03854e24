"""Distribution over processes and machines with Ray, which only this package imports."""
