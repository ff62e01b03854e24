"""Imitated data as public scripts for recurrent networks read it: seeded, small, learnable."""
