# SPDX-License-Identifier: MIT
# What others see of the library: exported names, the installed tree, the manual.
if(NOT FILEMAP_SANITIZE AND NOT FILEMAP_COVERAGE)
  add_test(NAME abi_manual COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/abi/manual.sh ${CMAKE_SOURCE_DIR})
  add_test(NAME abi_kills COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/abi/kills.sh ${CMAKE_SOURCE_DIR})
  add_test(NAME abi_documents COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/abi/documents.sh ${CMAKE_SOURCE_DIR})
  add_test(NAME abi_exports COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/abi/exports.sh
    ${CMAKE_SOURCE_DIR} $<TARGET_FILE:filemap> $<TARGET_FILE:filemap_archive>
    $<TARGET_FILE:filemap_port> $<TARGET_FILE:filemap_port_archive>)
  add_test(NAME abi_install COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/abi/install.sh
    ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  if(CMAKE_CXX_COMPILER)
    set(cxx ${CMAKE_CXX_COMPILER})
  endif()
  set_tests_properties(abi_install PROPERTIES ENVIRONMENT "CC=${CMAKE_C_COMPILER};CXX=${cxx}")
endif()
