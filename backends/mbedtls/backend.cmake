# Mbed TLS, for core/archive.cmake.
if(USSL_LIBRARY_TARGET)
    # Configured elsewhere: configured_elsewhere.cpp says what is missing.
    list(APPEND USSL_ADAPTER_SOURCES ${USSL_ADAPTER}/src/configured_elsewhere.cpp)
    list(APPEND USSL_DEFINITIONS USSL_EXTRA_SIZE=1024 USSL_MBEDTLS_READS_CERTIFICATES)
else()
    ussl_directory(mbedtls)
    ussl_list(USSL_LIBRARY_SOURCES ${USSL_LIBRARY} ${USSL_ROOT}/subprojects/packagefiles/mbedtls/sources.txt OPTIONAL)
    ussl_list(USSL_LIBRARY_SOURCES ${USSL_ADAPTER} ${USSL_ADAPTER}/amended/sources.txt)
    set(USSL_LIBRARY_INCLUDES ${USSL_LIBRARY}/include ${USSL_ADAPTER}/config)
    set(USSL_LIBRARY_DEFINITIONS "MBEDTLS_CONFIG_FILE=\"ussl_mbedtls_config.h\"")
    if(NOT USSL_HOSTED)
        # libgcc's 64-bit division links unwinding tables, for which linker scripts may have no
        # section.
        list(APPEND USSL_LIBRARY_DEFINITIONS MBEDTLS_NO_UDBL_DIVISION)
    endif()
endif()
