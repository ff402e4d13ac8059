# The switches of switches.txt, for make. In: USSL_ROOT; USSL_VARIABLES, patterns of the other variables USSL_… that the
# makefile has or takes. Out: USSL_DEFINES, for the compiler, of what was set. A name that is none, and a value that a
# switch does not have, end the build.

# NAME=VALUES
ussl_rows := $(shell sed -n 's/^\(USSL_[A-Z0-9_]*\)  *\([^ ]*\) .*/\1=\2/p' $(USSL_ROOT)/core/switches.txt)
ussl_names := $(foreach row,$(ussl_rows),$(firstword $(subst =, ,$(row))))

# The environment may have other things of such a name.
$(foreach name,$(filter-out $(ussl_names) $(USSL_VARIABLES) USSL_VARIABLES,$(filter USSL_%,$(.VARIABLES))),\
	$(if $(filter environment%,$(origin $(name))),,$(error $(name): there is no such switch; docs/switches.md has the list)))

ussl_comma := ,
# $(call ussl_values,NAME): a range, or the words to choose from
ussl_values = $(subst $(ussl_comma), ,$(patsubst 0..1,0 1,$(patsubst $(1)=%,%,$(filter $(1)=%,$(ussl_rows)))))
ussl_in_range = $(shell test '$(1)' -ge $(firstword $(2)) -a '$(1)' -le $(lastword $(2)) 2>/dev/null && echo yes)
# $(call ussl_check,NAME,VALUES)
ussl_check = $(if $(filter name,$(2)),,$(if $(findstring ..,$(2)),\
	$(if $(call ussl_in_range,$($(1)),$(subst .., ,$(2))),,$(error $(1)=$($(1)): a number of bytes, $(subst .., to ,$(2)))),\
	$(if $(and $(filter 1,$(words $($(1)))),$(filter $(2),$($(1)))),,$(error $(1)=$($(1)): one of: $(2)))))

ussl_set := $(foreach name,$(ussl_names),$(if $(filter undefined,$(origin $(name))),,$(name)))
$(foreach name,$(ussl_set),$(call ussl_check,$(name),$(call ussl_values,$(name))))
USSL_DEFINES := $(foreach name,$(ussl_set),-D$(name)=$(strip $($(name))))
