"""Documents made to fit another version of their type: newer always, older where nothing is lost."""

from swath_registry.upgrades.conversion import Loss, NotConvertible, Reduced, WouldLose, convert, reduce

__all__ = ["Loss", "NotConvertible", "Reduced", "WouldLose", "convert", "reduce"]
