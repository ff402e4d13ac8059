# Mbed TLS, for bindings/micropython/micropython.cmake.
ussl_directory(mbedtls)
ussl_list(USSL_LIBRARY_SOURCES ${USSL_LIBRARY} ${USSL_ROOT}/subprojects/packagefiles/mbedtls/sources.txt OPTIONAL)
set(USSL_LIBRARY_INCLUDES ${USSL_LIBRARY}/include ${USSL_ROOT}/backends/mbedtls/config)
set(USSL_LIBRARY_DEFINITIONS "MBEDTLS_CONFIG_FILE=\"ussl_mbedtls_config.h\"")
