"""Run the command line as `python -m evalbench`."""

from evalbench.cli.app import main

if __name__ == "__main__":
    main()
