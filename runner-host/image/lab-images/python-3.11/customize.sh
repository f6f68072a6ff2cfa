#!/bin/sh
# Makes the tree answer to the name that Dockerfiles for Python use.
set -eu
ln -s python3 "$1/usr/bin/python"
