"""The framework-free core that serves an algorithm folder; authors need `Context` alone."""
