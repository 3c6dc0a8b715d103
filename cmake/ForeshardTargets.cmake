# The two ways to declare code in this project: fs_add_module and fs_add_test.

add_library(fs_common INTERFACE)
target_compile_options(fs_common INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
    $<$<BOOL:${FORESHARD_WERROR}>:-Werror>)
target_include_directories(fs_common INTERFACE ${CMAKE_SOURCE_DIR})

# Qt's keywords stay out of the way of other people's headers, and no text is made from bytes by accident.
add_library(fs_qt_common INTERFACE)
target_compile_definitions(fs_qt_common INTERFACE
    QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_STRICT_ITERATORS)

# fs_add_module(engine_base SOURCES a.cpp ... DEPENDS fs_x ... PRIVATE_DEPENDS lib ...)
# A static library fs_<name>; DEPENDS is the only way to see another folder.
function(fs_add_module name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
    add_library(fs_${name} STATIC ${ARG_SOURCES})
    target_include_directories(fs_${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(fs_${name} PUBLIC ${ARG_DEPENDS} PRIVATE fs_common ${ARG_PRIVATE_DEPENDS})
endfunction()

# fs_add_test(tst_crc32c SOURCES tst_crc32c.cpp DEPENDS fs_engine_base [TIMEOUT 60])
# A Qt Test program, run without a display.
function(fs_add_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 60)
    endif()
    add_executable(${name} ${ARG_SOURCES})
    # moc 6.4 cannot parse libstdc++ 12's <concepts> when it comes before any Qt header; it needs nothing of it.
    set_target_properties(${name} PROPERTIES AUTOMOC ON AUTOMOC_MOC_OPTIONS "-D_GLIBCXX_CONCEPTS=1"
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(${name} PRIVATE fs_common fs_qt_common ${ARG_DEPENDS} Qt6::Test)
    target_compile_definitions(${name} PRIVATE
        FORESHARD_SOURCE_DIR="${CMAKE_SOURCE_DIR}" FORESHARD_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT}
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;OPENBLAS_NUM_THREADS=1;OMP_NUM_THREADS=1")
endfunction()
