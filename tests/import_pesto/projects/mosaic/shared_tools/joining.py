import numpy as np


def side_by_side(arrays):
    return np.concatenate(arrays, axis=2)
