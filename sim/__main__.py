"""``python -m sim`` is the command `openlines`."""

from sim.cli import main

if __name__ == "__main__":
    main()
