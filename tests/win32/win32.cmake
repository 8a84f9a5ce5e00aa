# SPDX-License-Identifier: MIT
# Conformance tests of the Win32 face: tests/win32/x.c -> win32_x, natively here and, built by mingw,
# under Wine (tests/wine/run.sh). They include only Windows' headers and link only the shared libraries.
add_library(check_win32 STATIC
  win32/lib/support.c win32/lib/support_posix.c lib/check.c lib/check_posix.c)
target_include_directories(check_win32 PUBLIC lib win32/lib ${CMAKE_SOURCE_DIR}/include/filemap/win32)
target_link_libraries(check_win32 PUBLIC filemap_port filemap filemap_flags)

if(FILEMAP_COVERAGE)
  target_link_libraries(check_win32 PUBLIC check_counts $<TARGET_OBJECTS:check_counts>)
endif()

# Again for programs whose wchar_t has 16 bits, where the wide functions have symbols of their own.
add_library(check_win32_short STATIC
  win32/lib/support.c win32/lib/support_posix.c lib/check.c lib/check_posix.c)
target_include_directories(check_win32_short PUBLIC lib win32/lib ${CMAKE_SOURCE_DIR}/include/filemap/win32)
target_link_libraries(check_win32_short PUBLIC filemap_port filemap filemap_flags)
target_compile_options(check_win32_short PUBLIC -fshort-wchar)
set(short_tests names native files format_message modules text environment)

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
foreach(source ${sources})
  get_filename_component(name ${source} NAME_WE)
  set(programs win32_${name})
  if(name IN_LIST short_tests)
    list(APPEND programs win32_${name}_short)
  endif()
  foreach(program ${programs})
    add_executable(${program} ${source})
    if(program MATCHES "_short$")
      target_link_libraries(${program} PRIVATE check_win32_short)
    else()
      target_link_libraries(${program} PRIVATE check_win32)
    endif()
    add_test(NAME ${program} COMMAND ${program})
    set_tests_properties(${program} PROPERTIES TIMEOUT ${FILEMAP_TEST_SECONDS})
    filemap_label_threads(${program} ${source})
  endforeach()
endforeach()
