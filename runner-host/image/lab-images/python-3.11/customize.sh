#!/bin/sh
# Makes the tree answer to the name that Dockerfiles for Python use, and lets pip install into it as in Python's own images.
set -eu
ln -s python3 "$1/usr/bin/python"
rm "$1"/usr/lib/python3.11/EXTERNALLY-MANAGED
