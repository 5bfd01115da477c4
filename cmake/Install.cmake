# SPDX-License-Identifier: Apache-2.0
# The layers as two libraries to link with: liblethe (all of them) and liblethe-verify (what checks
# a certificate). Static, or shared with -DBUILD_SHARED_LIBS=ON.
get_property(layers GLOBAL PROPERTY LETHE_LAYERS)
get_property(libs GLOBAL PROPERTY LETHE_LIBS)

# Targets are called lib..., because the programs have the bare names.
# lethe_library(NAME "description" HEADERS ... LAYERS ... LIBS ...)
function(lethe_library name description)
    cmake_parse_arguments(ARG "" "" "HEADERS;LAYERS;LIBS" ${ARGN})
    set(objects ${ARG_LAYERS})
    list(TRANSFORM objects REPLACE "(.+)" "$<TARGET_OBJECTS:lethe_\\1>")
    list(REMOVE_DUPLICATES ARG_LIBS)
    add_library(lib${name} ${objects})
    target_link_libraries(lib${name} PRIVATE ${ARG_LIBS})
    set_target_properties(lib${name} PROPERTIES OUTPUT_NAME ${name} LINKER_LANGUAGE C
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    install(TARGETS lib${name})
    install(FILES ${ARG_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lethe)

    # PkgConfig::SQLITE is the module sqlite3: what pkg-config must be asked for when linking.
    set(modules libcrypto)
    set(private_libs)
    foreach(lib ${ARG_LIBS})
        if(lib MATCHES "^PkgConfig::(.+)$")
            list(APPEND modules ${${CMAKE_MATCH_1}_MODULE_NAME})
        elseif(NOT lib MATCHES "^-|/|::")
            list(APPEND private_libs -l${lib})
        else()
            list(APPEND private_libs ${lib})
        endif()
    endforeach()
    list(REMOVE_DUPLICATES modules)
    list(REMOVE_ITEM modules jansson) # in public headers: always required
    list(JOIN modules " " LETHE_PC_PRIVATE)
    list(JOIN private_libs " " LETHE_PC_LIBS)
    file(RELATIVE_PATH LETHE_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
    set(LETHE_PC_NAME ${name})
    set(LETHE_PC_DESCRIPTION ${description})
    configure_file(${PROJECT_SOURCE_DIR}/cmake/lethe.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# The shared library beside the static one: it exports what its public headers declare and nothing
# else, under a version of its own, so that it can change behind them.
function(lethe_shared_library name)
    cmake_parse_arguments(ARG "" "" "HEADERS;LAYERS;LIBS" ${ARGN})
    if(BUILD_SHARED_LIBS)
        return() # it is that already
    endif()
    set(symbols)
    foreach(header ${ARG_HEADERS})
        file(READ ${header} text)
        string(REGEX MATCHALL "lethe_[a-z0-9_]+\\(" found "${text}")
        list(APPEND symbols ${found})
        # words.h declares by a macro.
        string(REGEX MATCHALL "LETHE_WORD_FUNCTIONS\\(([a-z_]+)\\)" found "${text}")
        list(TRANSFORM found REPLACE ".*\\((.+)\\)" "lethe_\\1_name(")
        list(APPEND symbols ${found})
        list(TRANSFORM found REPLACE "_name\\(" "_parse(")
        list(APPEND symbols ${found})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
    endforeach()
    list(REMOVE_DUPLICATES symbols)
    list(SORT symbols)
    list(JOIN symbols "\n" symbols)
    string(REPLACE "(" ";" symbols "${symbols}")
    string(TOUPPER ${name} version)
    string(REPLACE "-" "_" version ${version})
    set(map "${version}_${PROJECT_VERSION_MAJOR} {\nglobal:\n${symbols}\nlocal: *;\n};\n")
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${name}.map CONTENT "${map}" @ONLY)
    set(objects ${ARG_LAYERS})
    list(TRANSFORM objects REPLACE "(.+)" "$<TARGET_OBJECTS:lethe_\\1>")
    add_library(lib${name}-shared SHARED ${objects})
    target_link_libraries(lib${name}-shared PRIVATE ${ARG_LIBS})
    target_link_options(lib${name}-shared PRIVATE -Wl,--version-script=${PROJECT_BINARY_DIR}/${name}.map)
    if(NOT LETHE_SANITIZE)
        target_link_options(lib${name}-shared PRIVATE -Wl,-z,defs)
    endif()
    set_target_properties(lib${name}-shared PROPERTIES OUTPUT_NAME ${name} LINKER_LANGUAGE C
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
        LINK_DEPENDS ${PROJECT_BINARY_DIR}/${name}.map)
    install(TARGETS lib${name}-shared)
endfunction()

set(verify_layers ${layers})
list(FILTER verify_layers INCLUDE REGEX "^(base|trust|tlog|cose|cert|carrier|audit|batch|request)$")
set(verify_headers error identity words trust tlog cose certificate carrier audit batch verify_json)
list(TRANSFORM verify_headers REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/include/lethe/\\1.h")
lethe_library(lethe-verify "Check Lethe certificates"
    HEADERS ${verify_headers} LAYERS ${verify_layers} LIBS PkgConfig::JANSSON PkgConfig::CRYPTO PkgConfig::ZLIB m)
lethe_shared_library(lethe-verify
    HEADERS ${verify_headers} LAYERS ${verify_layers} LIBS PkgConfig::JANSSON PkgConfig::CRYPTO PkgConfig::ZLIB m)

if(NOT LETHE_VERIFY_ONLY)
    # The programs' own layers are no part of the library.
    list(FILTER layers EXCLUDE REGEX "(cli|^witness)$")
    file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/lethe/*.h)
    lethe_library(lethe "${PROJECT_DESCRIPTION}"
        HEADERS ${headers} LAYERS ${layers} LIBS ${libs})
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/profiles/ DESTINATION ${CMAKE_INSTALL_DATADIR}/lethe/profiles
        OPTIONAL PATTERN CMakeLists.txt EXCLUDE)
endif()

# The verifier as a page, for any file server.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/certs/web/ DESTINATION ${CMAKE_INSTALL_DATADIR}/lethe/web
    USE_SOURCE_PERMISSIONS PATTERN vendor EXCLUDE)

# The programs, whichever layer makes them.
get_property(folders DIRECTORY ${PROJECT_SOURCE_DIR}/src PROPERTY SUBDIRECTORIES)
foreach(folder ${folders})
    get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target ${targets})
        get_target_property(type ${target} TYPE)
        if(type STREQUAL EXECUTABLE)
            install(TARGETS ${target})
        endif()
    endforeach()
endforeach()
