# Writes a C file that holds every migration: number, name, text, SHA-256.
#   cmake -DOUTPUT=migrations.c "-DMIGRATIONS=a.sql;b.sql" -P embed_migrations.cmake
# Bytes, not a string literal: C17 promises only 4,095 characters of those.
list(SORT MIGRATIONS)
set(texts "")
set(table "")
set(expected 0)
foreach(path IN LISTS MIGRATIONS)
  get_filename_component(file ${path} NAME)
  if(NOT file MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
    message(FATAL_ERROR "${file}: a migration is named NNNN_words.sql")
  endif()
  set(name ${CMAKE_MATCH_2})
  math(EXPR expected "${expected} + 1")
  math(EXPR version "1${CMAKE_MATCH_1} - 10000")
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "${file}: migrations are numbered from 1 without gaps; expected ${expected}")
  endif()
  file(READ ${path} text HEX)
  file(SHA256 ${path} sha256)
  string(REGEX REPLACE "(................................)" "\\1\n" text ${text})
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," text ${text})
  string(APPEND texts "static const unsigned char sql_${version}[] = {\n${text}0x00};\n")
  string(APPEND table
    "    {${version}, \"${name}\", \"${sha256}\", sql_${version}, sizeof sql_${version} - 1},\n")
endforeach()
file(WRITE ${OUTPUT}
  "/* Made by cmake/embed_migrations.cmake from migrations/. */\n"
  "#include \"migrations.h\"\n\n${texts}\n"
  "const struct migration migrations[] = {\n${table}};\n"
  "const unsigned migration_count = ${expected};\n")
