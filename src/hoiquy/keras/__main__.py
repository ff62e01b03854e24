"""`python -m hoiquy.keras script.py` runs a script for Keras on hoiquy."""

from hoiquy.keras.runner.command import main

if __name__ == "__main__":
    main()
