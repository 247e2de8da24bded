"""Regular expressions as sets of texts: one that some match and others don't, or the certainty that there is none."""

from swath_registry.compatibility.regex.automaton import Automaton, automaton
from swath_registry.compatibility.regex.search import Exhausted, every_text, find_text
from swath_registry.compatibility.regex.syntax import Unsupported

__all__ = ["Automaton", "Exhausted", "Unsupported", "automaton", "every_text", "find_text"]
