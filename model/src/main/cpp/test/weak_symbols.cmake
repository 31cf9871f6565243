# No object of src/isa may hold a weak (inline, shared) function: the linker keeps any one copy, perhaps one compiled for AVX-512,
# and the whole library would use it on every CPU.
if(SANITIZE)
  return()
endif()
foreach(object ${OBJECTS})
  execute_process(COMMAND ${NM} -C ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  if(symbols MATCHES "(^|\n)[0-9a-f]+ [WVu] [^\n]*")
    message(FATAL_ERROR "weak symbol in ${object}:${CMAKE_MATCH_0}")
  endif()
endforeach()
