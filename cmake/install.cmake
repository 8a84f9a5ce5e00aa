# SPDX-License-Identifier: MIT
# What `cmake --install` puts where (the command is installed in tools/), and how other builds find it:
#   find_package(filemap)      -> filemap::filemap (shared), filemap::static, filemap::win32,
#                                 filemap::port, filemap::port_static
#   pkg-config                 -> filemap, filemap-win32

# A port includes <windows.h>: both libraries behind one more include directory.
if(NOT TARGET filemap_win32)
  add_library(filemap_win32 INTERFACE)
  target_link_libraries(filemap_win32 INTERFACE filemap_port filemap)
  target_include_directories(filemap_win32 INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/filemap/win32>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/filemap/win32>)
endif()
if(NOT TARGET filemap::win32)
  add_library(filemap::win32 ALIAS filemap_win32)
endif()
set_target_properties(filemap_win32 PROPERTIES EXPORT_NAME win32)

# An archive for others is one object whose internal names are local: a program may have its own
# `os` or `lock_take`. Ours (filemap_static) keep them, for the tests.
function(filemap_archive target objects name)
  set(whole ${PROJECT_BINARY_DIR}/${name}.o)
  set(parts $<TARGET_OBJECTS:${objects}>)
  foreach(more ${ARGN})
    list(APPEND parts $<TARGET_OBJECTS:${more}>)
  endforeach()
  add_custom_command(OUTPUT ${whole}
    COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o ${whole} ${parts}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${whole}
    DEPENDS ${objects} ${ARGN} ${parts} COMMAND_EXPAND_LISTS VERBATIM)
  add_library(${target} STATIC ${whole})
  set_source_files_properties(${whole} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME ${name}
    ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/archive)
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endfunction()
filemap_archive(filemap_archive filemap_objects filemap)
filemap_archive(filemap_port_archive filemap_port_objects filemap-port filemap_port_os)
set_target_properties(filemap_archive PROPERTIES EXPORT_NAME static)
set_target_properties(filemap_port_archive PROPERTIES EXPORT_NAME port_static)
set_target_properties(filemap_port PROPERTIES EXPORT_NAME port INSTALL_RPATH "$ORIGIN")
target_link_libraries(filemap_port_archive INTERFACE filemap_archive)

install(TARGETS filemap filemap_port filemap_archive filemap_port_archive filemap_win32 EXPORT filemap-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

set(filemap_package ${CMAKE_INSTALL_LIBDIR}/cmake/filemap)
configure_package_config_file(cmake/filemap-config.cmake.in ${PROJECT_BINARY_DIR}/filemap-config.cmake
  INSTALL_DESTINATION ${filemap_package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/filemap-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT filemap-targets NAMESPACE filemap:: DESTINATION ${filemap_package})
install(FILES ${PROJECT_BINARY_DIR}/filemap-config.cmake ${PROJECT_BINARY_DIR}/filemap-config-version.cmake
  DESTINATION ${filemap_package})

# The .pc files find their prefix from where they lie, so that a staged tree (--prefix, DESTDIR) works too.
set(filemap_pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
set(filemap_pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(filemap_pc_prefix ${CMAKE_INSTALL_PREFIX})
  set(filemap_pc_libdir ${CMAKE_INSTALL_LIBDIR})
else()
  file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" filemap_pc_prefix "\${pcfiledir}/${up}")
endif()
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(filemap_pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})
endif()
foreach(name filemap filemap-win32)
  configure_file(cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

foreach(section 1 3 7)
  file(GLOB pages CONFIGURE_DEPENDS man/*.${section})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

# systemd looks for units of users there whatever the architecture's library directory is called. The unit names
# the command by its path, which is known when it is installed.
install(CODE "
  set(FILEMAP_COMMAND \"${CMAKE_INSTALL_BINDIR}/filemap\")
  cmake_path(ABSOLUTE_PATH FILEMAP_COMMAND BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/packaging/filemap-reaper.service.in\"
    \"${PROJECT_BINARY_DIR}/filemap-reaper.service\" @ONLY)")
install(FILES ${PROJECT_BINARY_DIR}/filemap-reaper.service DESTINATION lib/systemd/user)
