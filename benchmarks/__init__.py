"""What Swath costs, as ratios against what one would use instead; run by `nox -s bench`."""
