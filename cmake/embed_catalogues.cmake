# Writes a C file that holds every translation, as msgfmt made it.
#   cmake -DOUTPUT=catalogues.c "-DLANGUAGES=zh_CN" -DFOLDER=build/po -P embed_catalogues.cmake
set(texts "")
set(table "")
foreach(language IN LISTS LANGUAGES)
  file(READ ${FOLDER}/${language}/LC_MESSAGES/loyalty.mo text HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" text ${text})
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," text ${text})
  string(REPLACE "_" "-" tag ${language})
  string(APPEND texts "static const unsigned char ${language}[] = {\n${text}};\n")
  string(APPEND table "    {\"${tag}\", ${language}},\n")
endforeach()
file(WRITE ${OUTPUT}
  "/* Made by cmake/embed_catalogues.cmake from po/. */\n"
  "#include \"catalogues.h\"\n\n${texts}\n"
  "const struct catalogue catalogues[] = {\n${table}    {0, 0}};\n")
