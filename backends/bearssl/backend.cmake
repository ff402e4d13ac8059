# BearSSL, for core/archive.cmake.
if("${USSL_CERTIFICATES}" STREQUAL "0" OR ("${USSL_CERTIFICATES}" STREQUAL "" AND "${USSL_PROFILE}" STREQUAL "psk"))
    message(FATAL_ERROR "ussl: BearSSL has no pre-shared keys: USSL_PROFILE=psk, or USSL_CERTIFICATES=0, needs another USSL_BACKEND")
endif()
if(NOT USSL_LIBRARY_TARGET)
    ussl_directory(bearssl)
    ussl_list(USSL_LIBRARY_SOURCES ${USSL_LIBRARY} ${USSL_ROOT}/subprojects/packagefiles/bearssl/sources.txt OPTIONAL)
    ussl_list(USSL_LIBRARY_SOURCES ${USSL_ADAPTER} ${USSL_ADAPTER}/amended/sources.txt)
    set(USSL_LIBRARY_INCLUDES ${USSL_LIBRARY}/inc ${USSL_LIBRARY}/src)
    set(USSL_LIBRARY_DEFINITIONS BR_LOMUL=__ARM_ARCH_6M__) # words of 15 bits on a Cortex-M0+
endif()
