# shellcheck shell=sh
# Conformance cases that repeat what others do once: left out where every instruction is slow. Sourced by scripts in tools/.

# shellcheck disable=SC2034 # for the script that sources it
slow='*every two in a row*,*any byte changed*,*any one of its calls*,*cut at every byte*,*hold little*,*allocation fails*'
