"""`python -m paperwire`: the command line where its script is not on the path."""

from paperwire.cli import main

if __name__ == "__main__":
    main()
