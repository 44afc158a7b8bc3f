import type { TopologyNode } from './build.ts'

export interface PlacedNode {
  readonly node: TopologyNode
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly depth: number
}
export interface PlacedTree {
  readonly nodes: readonly PlacedNode[]
  /** SVG paths from parent to child, with the child they lead to. */
  readonly edges: readonly { readonly id: string; readonly path: string }[]
  readonly width: number
  readonly height: number
}

const card = { width: 232, height: 60, gapX: 26, gapY: 8 }
const indentPx = 18
/** Below this width the tree is a list with indents. */
export const narrowPx = 860

/** Wide: columns from the internet on the left to the devices on the right. Narrow: one box a row, children indented. Pure. */
export function layOut(root: TopologyNode, widthPx: number): PlacedTree {
  return widthPx < narrowPx ? layOutList(root, Math.max(260, widthPx)) : layOutColumns(root)
}

function layOutColumns(root: TopologyNode): PlacedTree {
  const nodes: PlacedNode[] = []
  const edges: { id: string; path: string }[] = []
  let nextRow = 0
  let deepest = 0
  const place = (node: TopologyNode, depth: number): PlacedNode => {
    deepest = Math.max(deepest, depth)
    const children = node.children.map((child) => place(child, depth + 1))
    const first = children[0]
    const last = children.at(-1)
    const y =
      first === undefined || last === undefined
        ? nextRow++ * (card.height + card.gapY)
        : (first.y + last.y) / 2
    const placed: PlacedNode = {
      node,
      x: depth * (card.width + card.gapX),
      y,
      width: card.width,
      height: card.height,
      depth,
    }
    nodes.push(placed)
    for (const child of children) {
      const fromX = placed.x + placed.width
      const middle = fromX + card.gapX / 2
      edges.push({
        id: child.node.id,
        path: `M${fromX} ${y + card.height / 2}H${middle}V${child.y + card.height / 2}H${child.x}`,
      })
    }
    return placed
  }
  place(root, 0)
  return {
    nodes: nodes.toSorted((a, b) => a.depth - b.depth || a.y - b.y),
    edges,
    width: deepest * (card.width + card.gapX) + card.width,
    height: Math.max(1, nextRow) * (card.height + card.gapY) - card.gapY,
  }
}

function layOutList(root: TopologyNode, widthPx: number): PlacedTree {
  const nodes: PlacedNode[] = []
  const edges: { id: string; path: string }[] = []
  const place = (node: TopologyNode, depth: number): PlacedNode => {
    const x = depth * indentPx
    const placed: PlacedNode = {
      node,
      x,
      y: nodes.length * (card.height + 8),
      width: widthPx - x,
      height: card.height,
      depth,
    }
    nodes.push(placed)
    for (const child of node.children) {
      const below = place(child, depth + 1)
      edges.push({
        id: child.id,
        path: `M${x + indentPx / 2} ${placed.y + card.height}V${below.y + card.height / 2}H${below.x}`,
      })
    }
    return placed
  }
  place(root, 0)
  return { nodes, edges, width: widthPx, height: nodes.length * (card.height + 8) - 8 }
}
