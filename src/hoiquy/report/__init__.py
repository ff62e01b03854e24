"""Figures, remarks and reports of saved runs, in Vietnamese and English."""
