"""Mutants: deliberately broken stores, each with one plausible mistake, that the kit has to find."""
