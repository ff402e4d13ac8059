# For tools/micropython-size: what MicroPython's QEMU port lacks.
SRC_USERMOD_C += $(USERMOD_DIR)/board.c
LDFLAGS_USERMOD += -Wl,-T,$(USERMOD_DIR)/no-unwinding.ld
