# Mbed TLS, for bindings/micropython/micropython.cmake.
ussl_directory(mbedtls)
ussl_list(USSL_LIBRARY_SOURCES ${USSL_LIBRARY} ${USSL_ROOT}/subprojects/packagefiles/mbedtls/sources.txt OPTIONAL)
ussl_list(USSL_LIBRARY_SOURCES ${USSL_ROOT}/backends/mbedtls ${USSL_ROOT}/backends/mbedtls/amended/sources.txt)
set(USSL_LIBRARY_INCLUDES ${USSL_LIBRARY}/include ${USSL_ROOT}/backends/mbedtls/config)
# libgcc's 64-bit division brings unwinding tables along, for which linker scripts may have no place.
set(USSL_LIBRARY_DEFINITIONS MBEDTLS_NO_UDBL_DIVISION "MBEDTLS_CONFIG_FILE=\"ussl_mbedtls_config.h\"")
