// latchkey.cc -- the administrator's command

#include <iostream>
#include <string>
#include <vector>

#include "admin/admin.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return latchkey::admin::Run(arguments, {std::cin, std::cout, std::cerr});
}
