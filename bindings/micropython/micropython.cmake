# The ussl module for the CMake-based ports of MicroPython (rp2, esp32, ...):
#
#   make USER_C_MODULES=<ussl>/bindings/micropython/micropython.cmake CMAKE_ARGS=-DUSSL_BACKEND=mbedtls
#
# The switches are those of docs/switches.md: -DUSSL_TLS1_3=0, -DUSSL_REGISTER_SSL=1 and so on.
include_guard(GLOBAL)

get_filename_component(USSL_BINDING ${CMAKE_CURRENT_LIST_DIR} REALPATH)
get_filename_component(USSL_ROOT ${USSL_BINDING}/../.. ABSOLUTE)
if(NOT DEFINED USSL_BACKEND)
    set(USSL_BACKEND mbedtls)
endif()
set(USSL_VARIABLES "USSL_BINDING|USSL_ROOT|USSL_BACKEND|USSL_.+_DIR|USSL_PREFIX_LIBRARY|USSL_PYTHON|USSL_ROOTS")
if(USSL_ROOTS)
    set(USSL_ANCHOR_SOURCE 1)
    set(USSL_BUILT_IN_ROOTS 1)
endif()
include(${USSL_ROOT}/core/switches.cmake)

file(GLOB USSL_BACKENDS RELATIVE ${USSL_ROOT}/backends ${USSL_ROOT}/backends/*/backend.cmake)
list(TRANSFORM USSL_BACKENDS REPLACE "/backend.cmake$" "")
if(NOT USSL_BACKEND IN_LIST USSL_BACKENDS)
    list(JOIN USSL_BACKENDS " " USSL_BACKENDS)
    message(FATAL_ERROR "USSL_BACKEND=${USSL_BACKEND}: there is no such backend, only: ${USSL_BACKENDS}")
endif()

# Appends to `out` the entries of a list of sources, below `directory`. Those that do not exist are skipped
# where OPTIONAL is given.
function(ussl_list out directory file)
    file(STRINGS ${file} lines REGEX "^[^#]")
    set(found ${${out}})
    foreach(line ${lines})
        string(STRIP "${line}" line)
        if(line AND (NOT "OPTIONAL" IN_LIST ARGN OR EXISTS ${directory}/${line}))
            list(APPEND found ${directory}/${line})
        endif()
    endforeach()
    set(${out} ${found} PARENT_SCOPE)
endfunction()

# Sets USSL_LIBRARY: where the library is, given its wrap.
function(ussl_directory wrap)
    string(TOUPPER ${wrap} upper)
    file(STRINGS ${USSL_ROOT}/subprojects/${wrap}.wrap line REGEX "^directory *=")
    string(REGEX REPLACE "^directory *= *" "" directory "${line}")
    set(directory ${USSL_ROOT}/subprojects/${directory})
    foreach(variable USSL_${upper}_DIR USSL_LIBRARY_DIR)
        if(DEFINED ${variable})
            get_filename_component(directory ${${variable}} ABSOLUTE)
        endif()
    endforeach()
    if(NOT IS_DIRECTORY ${directory})
        message(FATAL_ERROR
            "ussl: ${directory} is missing: run tools/sources ${USSL_BACKEND}, or set USSL_LIBRARY_DIR")
    endif()
    set(USSL_LIBRARY ${directory} PARENT_SCOPE)
endfunction()

# The backend's folder knows its library: it sets USSL_LIBRARY, USSL_LIBRARY_SOURCES, and for the library and
# the adapter USSL_LIBRARY_INCLUDES and USSL_LIBRARY_DEFINITIONS.
include(${USSL_ROOT}/backends/${USSL_BACKEND}/backend.cmake)

list(APPEND USSL_DEFINITIONS "MICROPY_MODULE_BUILTIN_INIT=(1)")
set(USSL_INCLUDES
    ${USSL_BINDING}/src
    ${USSL_ROOT}/core/include
    ${USSL_ROOT}/backends/${USSL_BACKEND}/selected
    ${USSL_ROOT}/backends/${USSL_BACKEND}/include
)
set(USSL_CXX_OPTIONS -std=gnu++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics
    -fno-unwind-tables -fno-asynchronous-unwind-tables)

# --- The library and the adapter: archives of their own, whose flags do not reach the firmware. ---

add_library(ussl_library STATIC ${USSL_LIBRARY_SOURCES})
# Its warnings are its authors' concern.
target_compile_options(ussl_library PRIVATE -w)

set(USSL_ADAPTER_SOURCES)
ussl_list(USSL_ADAPTER_SOURCES ${USSL_ROOT}/core ${USSL_ROOT}/core/sources.txt)
ussl_list(USSL_ADAPTER_SOURCES ${USSL_ROOT}/backends/${USSL_BACKEND}
    ${USSL_ROOT}/backends/${USSL_BACKEND}/sources.txt)
find_program(USSL_PYTHON NAMES python3 python)
set(USSL_ROOTS_SOURCE)
if(USSL_ROOTS) # what is built in, as micropython.mk has it
    if(USSL_ROOTS STREQUAL "bundle")
        set(USSL_ROOTS_FILE /etc/ssl/certs/ca-certificates.crt)
    else()
        get_filename_component(USSL_ROOTS_FILE ${USSL_ROOTS} ABSOLUTE)
    endif()
    set(USSL_ROOTS_SOURCE ${CMAKE_CURRENT_BINARY_DIR}/ussl_roots.cpp)
    add_custom_command(OUTPUT ${USSL_ROOTS_SOURCE}
        COMMAND ${USSL_PYTHON} ${USSL_ROOT}/tools/embed-roots --bundle ${USSL_ROOTS_FILE} --source ${USSL_ROOTS_SOURCE}
        DEPENDS ${USSL_ROOTS_FILE} ${USSL_ROOT}/tools/embed-roots ${USSL_ROOT}/tools/lib/root_bundle.py
        VERBATIM)
endif()
add_library(ussl_adapter STATIC ${USSL_ADAPTER_SOURCES} ${USSL_ROOTS_SOURCE})
target_compile_options(ussl_adapter PRIVATE ${USSL_CXX_OPTIONS})
# The interpreter's heap is the only one.
target_compile_definitions(ussl_adapter PRIVATE USSL_NO_MALLOC=1)

# Another copy of the library in the firmware (rp2 and esp32 have their own Mbed TLS) stays another one: the symbols
# of this one have a prefix of ours. (USSL_PREFIX_LIBRARY=0: they keep their names.)
set(USSL_NAMES)
if(NOT DEFINED USSL_PREFIX_LIBRARY OR USSL_PREFIX_LIBRARY)
    set(USSL_NAMES ${CMAKE_CURRENT_BINARY_DIR}/ussl_${USSL_BACKEND}_names.h)
    execute_process(COMMAND ${USSL_PYTHON} ${USSL_ROOT}/tools/library-names ${USSL_NAMES} ${USSL_LIBRARY_SOURCES}
        RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "ussl: ${USSL_NAMES} could not be made: ${result}")
    endif()
    set(USSL_NAMES "SHELL:-include ${USSL_NAMES}")
endif()

foreach(archive ussl_library ussl_adapter)
    target_include_directories(${archive} PRIVATE ${USSL_INCLUDES})
    target_include_directories(${archive} SYSTEM PRIVATE ${USSL_LIBRARY_INCLUDES})
    target_compile_definitions(${archive} PRIVATE ${USSL_DEFINITIONS} ${USSL_LIBRARY_DEFINITIONS})
    target_compile_options(${archive} PRIVATE -ffunction-sections -fdata-sections -fvisibility=hidden ${USSL_NAMES})
endforeach()
# Each calls the other: libraries call back for memory and randomness.
target_link_libraries(ussl_adapter PRIVATE ussl_library)
target_link_libraries(ussl_library PRIVATE ussl_adapter)

# --- The module: compiled with the firmware, and scanned for names. ---

file(GLOB USSL_MODULE_SOURCES ${USSL_BINDING}/src/*.c ${USSL_BINDING}/src/*.cpp)
add_library(usermod_ussl INTERFACE)
target_sources(usermod_ussl INTERFACE ${USSL_MODULE_SOURCES})
target_include_directories(usermod_ussl INTERFACE ${USSL_INCLUDES})
target_compile_definitions(usermod_ussl INTERFACE ${USSL_DEFINITIONS})
file(GLOB USSL_MODULE_CXX ${USSL_BINDING}/src/*.cpp)
list(JOIN USSL_CXX_OPTIONS " " USSL_CXX_FLAGS)
set_source_files_properties(${USSL_MODULE_CXX} PROPERTIES COMPILE_FLAGS "${USSL_CXX_FLAGS}")
target_link_libraries(usermod_ussl INTERFACE ussl_adapter ussl_library)

target_link_libraries(usermod INTERFACE usermod_ussl)
