# SPDX-License-Identifier: MIT
# The filemap command from outside. A script is a program; it needs a shell and cmake, no more.
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/test_*.sh)
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  string(REGEX REPLACE "^test_" "cli_" name ${name})
  add_test(NAME ${name} COMMAND sh ${script} $<TARGET_FILE:filemap_command> ${CMAKE_COMMAND}
    $<TARGET_FILE:unit_process_sections>)
  set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endforeach()
