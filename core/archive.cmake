# Library, adapter and core in one archive, for CMakeLists.txt and bindings/micropython/micropython.cmake.
#
# In: USSL_ROOT; USSL_BACKEND (mbedtls); USSL_VARIABLES, USSL_ON_HOST and USSL_FROM_ENVIRONMENT, as core/switches.cmake has them;
# the switches, and
#   USSL_LIBRARY_DIR      another copy of the library's sources than the one in subprojects/ (also USSL_MBEDTLS_DIR, …)
#   USSL_LIBRARY_TARGET   instead, a target of the project, compiled elsewhere
#   USSL_PREFIX_LIBRARY   0: the library's symbols keep their names
#   USSL_ROOTS            public roots that are built in: `bundle`, or a file (docs/roots.md)
#   USSL_MALLOC           0: the program sets the libraries' allocator, and links no malloc
# Out: the target ussl_archive; USSL_INCLUDES, USSL_DEFINITIONS and USSL_LINKED, for who includes our headers and links it;
# USSL_CXX_OPTIONS, for sources of ours; USSL_PYTHON.

string(APPEND USSL_VARIABLES "|USSL_ROOT|USSL_BACKEND|USSL_.+_DIR|USSL_PREFIX_LIBRARY|USSL_PYTHON|USSL_ROOTS|USSL_MALLOC\
|USSL_LIBRARY_TARGET|USSL_ON_HOST|USSL_FROM_ENVIRONMENT")
if(USSL_FROM_ENVIRONMENT)
    foreach(name USSL_BACKEND USSL_LIBRARY_DIR USSL_PREFIX_LIBRARY USSL_ROOTS)
        if(NOT DEFINED ${name} AND DEFINED ENV{${name}})
            set(${name} "$ENV{${name}}" CACHE STRING "from the environment")
        endif()
    endforeach()
endif()
if(USSL_ROOTS)
    set(USSL_ANCHOR_SOURCE 1)
    set(USSL_BUILT_IN_ROOTS 1)
endif()
include(${USSL_ROOT}/core/switches.cmake)
if(NOT DEFINED USSL_BACKEND)
    set(USSL_BACKEND mbedtls)
endif()

file(GLOB USSL_BACKENDS RELATIVE ${USSL_ROOT}/backends ${USSL_ROOT}/backends/*/backend.cmake)
list(TRANSFORM USSL_BACKENDS REPLACE "/backend.cmake$" "")
if(NOT USSL_BACKEND IN_LIST USSL_BACKENDS)
    list(JOIN USSL_BACKENDS " " USSL_BACKENDS)
    message(FATAL_ERROR "USSL_BACKEND=${USSL_BACKEND}: there is no such backend, only: ${USSL_BACKENDS}")
endif()

# Appends to `out` the entries of a list of sources, below `directory`. OPTIONAL: skips those that
# do not exist, as no release has all; at least one must exist.
function(ussl_list out directory file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} lines REGEX "^[^#]")
    set(found ${${out}})
    foreach(line ${lines})
        string(STRIP "${line}" line)
        if(line AND (NOT "OPTIONAL" IN_LIST ARGN OR EXISTS ${directory}/${line}))
            list(APPEND found ${directory}/${line})
        endif()
    endforeach()
    if("${found}" STREQUAL "${${out}}")
        message(FATAL_ERROR "ussl: ${directory} holds none of the sources of ${USSL_BACKEND}")
    endif()
    set(${out} ${found} PARENT_SCOPE)
endfunction()

# Sets USSL_LIBRARY: where the library's sources are, given its wrap.
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

# The backend's folder knows its library: it sets USSL_LIBRARY_SOURCES, and for the library and the adapter
# USSL_LIBRARY_INCLUDES and USSL_LIBRARY_DEFINITIONS, for the library alone USSL_LIBRARY_OPTIONS; or, where it is compiled
# elsewhere, USSL_LIBRARY_LINKED.
# What users must define as well goes into USSL_DEFINITIONS.
set(USSL_LIBRARY_SOURCES)
set(USSL_LIBRARY_LINKED ${USSL_LIBRARY_TARGET})
set(USSL_LIBRARY_INCLUDES)
set(USSL_LIBRARY_DEFINITIONS)
set(USSL_LIBRARY_OPTIONS)
set(USSL_ADAPTER_SOURCES)
set(USSL_ADAPTER ${USSL_ROOT}/backends/${USSL_BACKEND})
include(${USSL_ADAPTER}/backend.cmake)
set(USSL_LINKED ${USSL_LIBRARY_LINKED})

find_program(USSL_PYTHON NAMES python3 python)
ussl_list(USSL_ADAPTER_SOURCES ${USSL_ROOT}/core ${USSL_ROOT}/core/sources.txt)
ussl_list(USSL_ADAPTER_SOURCES ${USSL_ADAPTER} ${USSL_ADAPTER}/sources.txt)
if(USSL_HOSTED)
    list(APPEND USSL_ADAPTER_SOURCES ${USSL_ROOT}/core/src/posix_environment.cpp ${USSL_ROOT}/core/src/system_roots.cpp)
endif()
if(USSL_ROOTS)
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
    list(APPEND USSL_ADAPTER_SOURCES ${USSL_ROOTS_SOURCE})
endif()

set(USSL_INCLUDES ${USSL_ROOT}/core/include ${USSL_ADAPTER}/selected ${USSL_ADAPTER}/include)
set(USSL_CXX_OPTIONS -std=gnu++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics
    -fno-unwind-tables -fno-asynchronous-unwind-tables)
# Warnings are for ussl's developers; here they would stop a project's -Werror. Unless the project
# says otherwise, library and adapter are optimised: otherwise handshakes take many times as long.
set(USSL_OPTIONS -w -ffunction-sections -fdata-sections -fvisibility=hidden)
string(TOUPPER "CMAKE_C_FLAGS_${CMAKE_BUILD_TYPE}" flags)
get_property(options DIRECTORY PROPERTY COMPILE_OPTIONS)
if(NOT "${CMAKE_C_FLAGS} ${${flags}} ${options}" MATCHES "-O[123sfz]" AND NOT CMAKE_CONFIGURATION_TYPES)
    list(APPEND USSL_OPTIONS $<IF:$<BOOL:${USSL_HOSTED}>,-O2,-Os>)
endif()

# The symbols of this library have our prefix, so that they never mix with those of another copy.
if(USSL_LIBRARY_SOURCES AND (NOT DEFINED USSL_PREFIX_LIBRARY OR USSL_PREFIX_LIBRARY))
    set(names ${CMAKE_CURRENT_BINARY_DIR}/ussl_${USSL_BACKEND}_names.h)
    execute_process(COMMAND ${USSL_PYTHON} ${USSL_ROOT}/tools/library-names ${names} ${USSL_LIBRARY_SOURCES}
        RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "ussl: ${names} could not be made, which needs Python: ${result}")
    endif()
    list(APPEND USSL_OPTIONS "SHELL:-include ${names}")
endif()

add_library(ussl_adapter OBJECT ${USSL_ADAPTER_SOURCES})
target_compile_options(ussl_adapter PRIVATE ${USSL_CXX_OPTIONS})
if(DEFINED USSL_MALLOC AND NOT USSL_MALLOC)
    target_compile_definitions(ussl_adapter PRIVATE USSL_NO_MALLOC=1)
endif()
if(USSL_LIBRARY_TARGET)
    target_link_libraries(ussl_adapter PRIVATE ${USSL_LIBRARY_TARGET}) # for its headers
endif()
set(USSL_PARTS ussl_adapter)
if(USSL_LIBRARY_SOURCES)
    add_library(ussl_library OBJECT ${USSL_LIBRARY_SOURCES})
    list(APPEND USSL_PARTS ussl_library)
    target_compile_options(ussl_library PRIVATE ${USSL_LIBRARY_OPTIONS})
    if(USSL_LIBRARY_SOURCES MATCHES "\\.S(;|$)")
        enable_language(ASM)
    endif()
endif()
set(objects)
foreach(part ${USSL_PARTS})
    target_include_directories(${part} PRIVATE ${USSL_INCLUDES})
    target_include_directories(${part} SYSTEM PRIVATE ${USSL_LIBRARY_INCLUDES})
    target_compile_definitions(${part} PRIVATE ${USSL_DEFINITIONS} ${USSL_LIBRARY_DEFINITIONS})
    target_compile_options(${part} PRIVATE ${USSL_OPTIONS})
    set_target_properties(${part} PROPERTIES CXX_STANDARD 20 UNITY_BUILD OFF)
    list(APPEND objects $<TARGET_OBJECTS:${part}>)
endforeach()
add_library(ussl_archive STATIC ${objects})
set_target_properties(ussl_archive PROPERTIES OUTPUT_NAME ussl-${USSL_BACKEND} LINKER_LANGUAGE CXX)
