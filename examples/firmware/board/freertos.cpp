// FreeRTOS below: a checkout of FreeRTOS-Kernel, named by -Dfreertos.
#include "tasks.hpp"

#include <FreeRTOS.h>
#include <semphr.h>
#include <task.h>

namespace {

constexpr unsigned stack_words = 10240; // 40 KB

StaticTask_t blocks[tasks::count];
StackType_t stacks[tasks::count][stack_words];
StaticSemaphore_t mutex_block;
SemaphoreHandle_t mutex;
void (*the_work)(unsigned);
void (*at_the_end)();
volatile unsigned through = 0;
volatile std::uint32_t waited = 0;

void task(void* argument) {
    the_work(static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(argument)));
    taskENTER_CRITICAL();
    through = through + 1;
    const bool is_last = through == tasks::count;
    taskEXIT_CRITICAL();
    if (is_last) at_the_end();
    vTaskSuspend(nullptr);
}

} // namespace

// Behind the board's: from the eighth to SysTick's.
extern "C" {
void vPortSVCHandler();
void xPortPendSVHandler();
void xPortSysTickHandler();
}
__attribute__((section(".more_vectors"), used)) static void (*const vectors[])() = {
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    vPortSVCHandler,
    nullptr,
    nullptr,
    xPortPendSVHandler,
    xPortSysTickHandler,
};

namespace tasks {

void run(void (*work)(unsigned), void (*finished)()) {
    the_work = work;
    at_the_end = finished;
    mutex = xSemaphoreCreateRecursiveMutexStatic(&mutex_block);
    for (std::uintptr_t number = 0; number != count; ++number)
        xTaskCreateStatic(task, "tls", stack_words, reinterpret_cast<void*>(number), 1,
                          stacks[number], &blocks[number]);
    vTaskStartScheduler();
    for (;;) {
    }
}

// Before the scheduler runs there is one task.
void lock(void*) {
    if (xTaskGetSchedulerState() == taskSCHEDULER_NOT_STARTED) return;
    if (xSemaphoreTakeRecursive(mutex, 0) == pdTRUE) return;
    waited = waited + 1;
    xSemaphoreTakeRecursive(mutex, portMAX_DELAY);
}
void unlock(void*) {
    if (xTaskGetSchedulerState() != taskSCHEDULER_NOT_STARTED) xSemaphoreGiveRecursive(mutex);
}

std::uint32_t waits() { return waited; }

} // namespace tasks
