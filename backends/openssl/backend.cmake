# OpenSSL 3 of the system, for core/archive.cmake.
if(NOT USSL_HOSTED)
    message(FATAL_ERROR "ussl: USSL_BACKEND=openssl is for hosts")
endif()
if(NOT USSL_LIBRARY_TARGET)
    find_package(OpenSSL 3)
    if(NOT OpenSSL_FOUND)
        message(FATAL_ERROR "ussl: the openssl backend needs OpenSSL 3 of the system (Debian: libssl-dev)")
    endif()
    # Not its targets: imported targets are not visible in the parent folder.
    set(USSL_LIBRARY_LINKED ${OPENSSL_LIBRARIES})
    set(USSL_LIBRARY_INCLUDES ${OPENSSL_INCLUDE_DIR})
endif()
