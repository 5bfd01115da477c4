# SPDX-License-Identifier: Apache-2.0
# One static library a layer, so that the layering of docs/architecture.md is
# also what the linker sees: lethe_layer(NAME SOURCES ... [LAYERS ...] [LIBS ...]).
# LAYERS are the layers below that NAME may include and link.
function(lethe_layer name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LAYERS;LIBS" ${ARGN})
    add_library(lethe_${name} STATIC ${ARG_SOURCES})
    target_include_directories(lethe_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
    set(layers ${ARG_LAYERS})
    list(TRANSFORM layers PREPEND lethe_)
    target_link_libraries(lethe_${name} PUBLIC ${layers} ${ARG_LIBS})
    set_target_properties(lethe_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    set_property(GLOBAL APPEND PROPERTY LETHE_LAYERS ${name})
    set_property(GLOBAL APPEND PROPERTY LETHE_LIBS ${ARG_LIBS})
endfunction()

# One unit-test program: lethe_test(NAME SOURCES ... LAYERS ... [LABELS quick|slow|root|sandbox|memory] [COST SECONDS]).
# tests/skip.h has the way to skip: with a reason, which scripts/test prints. COST, about how long it takes: what is
# long begins first (docs/testing.md).
function(lethe_test name)
    if(NOT LETHE_TESTS)
        return() # the fuzz preset
    endif()
    cmake_parse_arguments(ARG "" "COST" "SOURCES;LAYERS;LIBS;LABELS" ${ARGN})
    add_executable(test_${name} ${ARG_SOURCES})
    set(layers ${ARG_LAYERS})
    list(TRANSFORM layers PREPEND lethe_)
    target_link_libraries(test_${name} PRIVATE ${layers} ${ARG_LIBS} PkgConfig::CMOCKA)
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_compile_definitions(test_${name} PRIVATE LETHE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" LETHE_BINARY_DIR="${PROJECT_BINARY_DIR}")
    add_test(NAME ${name} COMMAND test_${name})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 300 SKIP_RETURN_CODE 77)
    if(ARG_COST)
        set_tests_properties(${name} PROPERTIES COST ${ARG_COST})
    endif()
endfunction()

# One fuzz target, fuzz_NAME.c with LLVMFuzzerTestOneInput(): lethe_fuzz(NAME LAYERS ... [LIBS ...]).
# The fuzz preset makes it a libFuzzer program; elsewhere a test replays tests/fuzz/corpus/NAME.
function(lethe_fuzz name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LAYERS;LIBS" ${ARGN})
    set(layers ${ARG_LAYERS})
    list(TRANSFORM layers PREPEND lethe_)
    if(LETHE_FUZZ)
        add_executable(fuzz_${name} fuzz_${name}.c ${ARG_SOURCES})
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(fuzz_${name} fuzz_${name}.c replay.c ${ARG_SOURCES})
        add_test(NAME fuzz_${name} COMMAND fuzz_${name} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
        set_tests_properties(fuzz_${name} PROPERTIES LABELS quick TIMEOUT 300)
    endif()
    target_link_libraries(fuzz_${name} PRIVATE ${layers} ${ARG_LIBS})
    target_compile_options(fuzz_${name} PRIVATE -Wno-missing-prototypes) # libFuzzer has no header
endfunction()
