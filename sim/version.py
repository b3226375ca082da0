"""The version of the distribution: a module of its own, so that every layer may say it without the public API."""

__version__ = "0.1.0"
