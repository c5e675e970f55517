"""A kernel drawn by hand that listens for a glissando; the phrase it listens to."""

from helpers.explorers.pattern.pattern import Pattern

__all__ = ["Pattern"]
