// The arithmetic that a backend amends, on a board: also its assembly for the smallest core.
#include "support/arithmetic.hpp"
#include "board/board.hpp"

int main() {
    const char* const fault = ussl::test::arithmetic_fault(200);
    if (fault) {
        board::print("wrong: ");
        board::print(fault);
        board::print("\n");
    }
    board::print(fault ? "0 passed, 1 failed\n" : "1 passed, 0 failed\n");
    board::exit(!fault);
}
