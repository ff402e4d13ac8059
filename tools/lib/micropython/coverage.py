# As standard.py, for the coverage variant.
freeze_as_str("$(PORT_DIR)/variants/coverage/frzstr")
freeze_as_mpy("$(PORT_DIR)/variants/coverage/frzmpy")
freeze_mpy("$(MPY_DIR)/tests/frozen")
include("$(MPY_DIR)/extmod/asyncio")
