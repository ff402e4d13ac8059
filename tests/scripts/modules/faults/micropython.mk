# The ussl module, and a module `faults` with it: an interpreter whose heap fails where a script says (tools/build-micropython
# --faults). Every call of the heap's two functions from another file than their own goes through faults.c.
FAULTS := $(USERMOD_DIR)
SRC_USERMOD_C += $(FAULTS)/faults.c
SRC_USERMOD_CXX += $(FAULTS)/blocks_in_use.cpp
LDFLAGS_USERMOD += -Wl,--wrap=gc_alloc,--wrap=gc_realloc

USERMOD_DIR := $(realpath $(FAULTS)/../../../../bindings/micropython)
include $(USERMOD_DIR)/micropython.mk
