"""What a `Process` may import of PESTO, written anew: copied beside it as the package `pesto` where it is needed."""
