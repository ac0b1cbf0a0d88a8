"""`python -m dsp_pipeline.cli`, the same as `dsp`."""

from __future__ import annotations

from dsp_pipeline.cli import main

if __name__ == "__main__":
    main()
