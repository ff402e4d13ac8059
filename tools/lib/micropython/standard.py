# The modules that are frozen into the interpreter: the port's own manifest without those of micropython-lib, which is a separate
# repository and not in every source archive.
include("$(MPY_DIR)/extmod/asyncio")
