"""The small real dataset that `dsp demo` drops. README.md has its source and licence."""
