"""The use cases, one file each: gather, decide (pure), apply."""
