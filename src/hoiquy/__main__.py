"""`python -m hoiquy` is the program `hoiquy`."""

from hoiquy.cli.main import main

if __name__ == "__main__":
    main()
