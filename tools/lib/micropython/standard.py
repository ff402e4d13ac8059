# What is frozen into the interpreter: the port's own manifest without what comes from micropython-lib, which is
# a repository of its own and not in every source archive.
include("$(MPY_DIR)/extmod/asyncio")
