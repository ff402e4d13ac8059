# The ussl module for the CMake-based ports of MicroPython (rp2, esp32, ...):
#
#   make USER_C_MODULES=<ussl>/bindings/micropython/micropython.cmake USSL_BACKEND=mbedtls
#
# The switches are those of docs/switches.md: USSL_TLS1_3=0, USSL_REGISTER_SSL=1 and so on. They come by the environment, to which
# make gives its variables, or by CMake's -D; a build folder keeps them. (Not by CMAKE_ARGS on make's command line: that takes the
# place of the port's own arguments, USER_C_MODULES among them, and an image without the module comes out.)
include_guard(GLOBAL)

get_filename_component(USSL_BINDING ${CMAKE_CURRENT_LIST_DIR} REALPATH)
get_filename_component(USSL_ROOT ${USSL_BINDING}/../.. ABSOLUTE)
set(USSL_VARIABLES "USSL_BINDING")
set(USSL_FROM_ENVIRONMENT 1)
set(USSL_MALLOC 0) # the interpreter's heap is the only one

# A heap in pieces has no room for the longest record at any time, which few are.
foreach(default USSL_SHORT_BUFFERS=1 USSL_RECORD_OUTPUT=2048)
    string(REGEX MATCH "^[^=]+" name ${default})
    string(REGEX REPLACE "^.*=" "" value ${default})
    if(NOT DEFINED ${name} AND NOT DEFINED ENV{${name}})
        set(${name} ${value})
    endif()
endforeach()

# --- Library and adapter: an archive of its own, whose flags do not reach the firmware. ---

include(${USSL_ROOT}/core/archive.cmake)

# --- The module: compiled with the firmware, and scanned for names. ---

file(GLOB USSL_MODULE_SOURCES ${USSL_BINDING}/src/*.c ${USSL_BINDING}/src/*.cpp)
add_library(usermod_ussl INTERFACE)
target_sources(usermod_ussl INTERFACE ${USSL_MODULE_SOURCES})
target_include_directories(usermod_ussl INTERFACE ${USSL_BINDING}/src ${USSL_INCLUDES})
target_compile_definitions(usermod_ussl INTERFACE ${USSL_DEFINITIONS} "MICROPY_MODULE_BUILTIN_INIT=(1)")
file(GLOB USSL_MODULE_CXX ${USSL_BINDING}/src/*.cpp)
# Makers' headers have what C++20 has no more or frowns at; a port's -Werror would stop on them.
list(JOIN USSL_CXX_OPTIONS " " USSL_CXX_FLAGS)
string(APPEND USSL_CXX_FLAGS " -Wno-register -Wno-volatile -Wno-deprecated-volatile -Wno-unknown-warning-option")
set_source_files_properties(${USSL_MODULE_CXX} PROPERTIES COMPILE_FLAGS "${USSL_CXX_FLAGS}")
# rp2's mp_hal_get_random() is pico_rand, a generator that is not made for keys: on an RP2040 it takes one bit of the ring oscillator
# for each eight bytes. With as many bits as bytes need it goes without guesses.
target_compile_definitions(usermod_ussl INTERFACE PICO_RAND_ROSC_BIT_SAMPLE_COUNT=64)
target_link_libraries(usermod_ussl INTERFACE ussl_archive ${USSL_LINKED})

target_link_libraries(usermod INTERFACE usermod_ussl)
