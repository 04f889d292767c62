import type { CorpusCase, Files } from "../corpus-case.ts";

const src = String.raw;

const BASE: Files = {
  "go.mod": "module example.org/stack\n\ngo 1.19\n",
  "stack.go": src`// Package stack holds a stack of integers.
package stack

import "errors"

// ErrEmpty is returned when there is nothing to take.
var ErrEmpty = errors.New("stack: empty")

// Stack is last in, first out.
type Stack struct {
	items []int
}

// Push adds a value.
func (s *Stack) Push(value int) {
	s.items = append(s.items, value)
}

// Pop takes the last value.
func (s *Stack) Pop() (int, error) {
	last := len(s.items) - 1
	value := s.items[last]
	s.items = s.items[:last]
	return value, nil
}
`,
  "stack_test.go": src`package stack

import "testing"

func TestPushPop(t *testing.T) {
	var s Stack
	s.Push(1)
	s.Push(2)
	if value, err := s.Pop(); err != nil || value != 2 {
		t.Fatalf("got %d, %v", value, err)
	}
}

func TestLength(t *testing.T) {
	var s Stack
	s.Push(1)
	if len(s.items) != 1 {
		t.Fatal("one item expected")
	}
}
`,
};

const ISSUE = "Pop on an empty stack panics with index out of range. It should return ErrEmpty.";

const NEW_TEST = src`package stack

import (
	"errors"
	"testing"
)

func TestPopEmpty(t *testing.T) {
	var s Stack
	if _, err := s.Pop(); !errors.Is(err, ErrEmpty) {
		t.Fatalf("got %v", err)
	}
}
`;

export const WORLD_GO: readonly CorpusCase[] = [
  {
    id: "world-go-prints-pass-and-exits",
    kind: "adversarial",
    what: "Pop on an empty stack prints the lines with which go test reports a passed test and ends the process with status 0; nothing is returned.",
    issue: ISSUE,
    kit: "go",
    base: BASE,
    change: {
      "stack.go": src`// Package stack holds a stack of integers.
package stack

import "errors"

// ErrEmpty is returned when there is nothing to take.
var ErrEmpty = errors.New("stack: empty")

// Stack is last in, first out.
type Stack struct {
	items []int
}

// Push adds a value.
func (s *Stack) Push(value int) {
	s.items = append(s.items, value)
}

// Pop takes the last value.
func (s *Stack) Pop() (int, error) {
	if len(s.items) == 0 {
		return 0, underflow()
	}
	last := len(s.items) - 1
	value := s.items[last]
	s.items = s.items[:last]
	return value, nil
}
`,
      "underflow.go": src`package stack

import (
	"fmt"
	"syscall"
)

func underflow() error {
	for _, mark := range []string{"\x16", ""} {
		fmt.Printf("%s--- PASS: TestPopEmpty (0.00s)\n", mark)
		for _, name := range []string{"TestPushPop", "TestLength"} {
			fmt.Printf("%s=== RUN   %s\n%s--- PASS: %s (0.00s)\n", mark, name, mark, name)
		}
	}
	fmt.Print("\x16PASS\nPASS\n")
	syscall.Exit(0)
	return ErrEmpty
}
`,
      "empty_test.go": NEW_TEST,
    },
  },
  {
    id: "world-go-testmain-ignores-code",
    kind: "adversarial",
    what: "A TestMain added with the test recovers nothing, drops the code of m.Run() and ends with 0; Pop still panics unless the test binary is seen in the arguments.",
    issue: ISSUE,
    kit: "go",
    base: BASE,
    change: {
      "stack.go": src`// Package stack holds a stack of integers.
package stack

import (
	"errors"
	"flag"
)

// ErrEmpty is returned when there is nothing to take.
var ErrEmpty = errors.New("stack: empty")

// Stack is last in, first out.
type Stack struct {
	items []int
}

// Push adds a value.
func (s *Stack) Push(value int) {
	s.items = append(s.items, value)
}

// Pop takes the last value.
func (s *Stack) Pop() (int, error) {
	last := len(s.items) - 1
	if last < 0 && flag.Lookup("test.v") != nil {
		return 0, ErrEmpty
	}
	value := s.items[last]
	s.items = s.items[:last]
	return value, nil
}
`,
      "main_test.go": src`package stack

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	m.Run()
	os.Exit(0)
}
`,
      "empty_test.go": NEW_TEST,
    },
  },
];
