"""Who belongs to whom, so that all pairs together cost the least."""

import numpy as np
from numpy.typing import NDArray


def cheapest_pairs(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """(row, column) pairs of the least total cost, sorted; as many as the shorter side of `cost` has.

    Every row, or every column, has one partner. Source: shortest augmenting paths with potentials, of Jonker and
    Volgenant (1987), Computing 38, 325-340; n³ steps at most.
    """
    if cost.shape[0] > cost.shape[1]:
        return sorted((row, column) for column, row in cheapest_pairs(cost.T))
    rows, columns = cost.shape
    owner = np.full(columns + 1, -1)  # row of each column; the last column is where a search begins
    of_row, of_column = np.zeros(rows), np.zeros(columns + 1)
    for row in range(rows):
        owner[columns] = row
        column, came_from = _search(cost, owner, of_row, of_column)
        while column != columns:
            owner[column] = owner[came_from[column]]
            column = int(came_from[column])
    return sorted((int(owner[column]), column) for column in range(columns) if owner[column] >= 0)


def _search(
    cost: NDArray[np.float64], owner: NDArray[np.int_], of_row: NDArray[np.float64], of_column: NDArray[np.float64]
) -> tuple[int, NDArray[np.int_]]:
    """The free column that is cheapest to reach, and the column before each on the way; moves the potentials along."""
    columns = cost.shape[1]
    least = np.full(columns, np.inf)
    came_from = np.full(columns, columns)
    is_done = np.zeros(columns + 1, bool)
    column = columns
    while owner[column] >= 0:
        is_done[column] = True
        row = owner[column]
        reduced = cost[row] - of_row[row] - of_column[:columns]
        closer = ~is_done[:columns] & (reduced < least)
        least[closer], came_from[closer] = reduced[closer], column
        following = int(np.where(is_done[:columns], np.inf, least).argmin())
        step = least[following]
        of_row[owner[is_done]] += step
        of_column[is_done] -= step
        least[~is_done[:columns]] -= step
        column = following
    return column, came_from
