# Chooses the slot to boot; the same script on a Raspberry Pi and in QEMU. Rules and format: src/boot/state.ts.
# U-Boot's boot scan sets devtype, devnum and loads this from the FAT partition.
# Two copies of the state (1 MiB and 2 MiB from the start of the disk, 4 KiB each): the valid one with the larger
# sequence number counts, the other one is written. Numbers are hexadecimal for U-Boot, so every sequence gets its 0x.

if test "${devtype}" = "virtio"; then setenv ram 4; else setenv ram 0; fi
# 0x80000 and 0x02400000, U-Boot's usual places, are too near to each other for today's kernels.
setenv state_addr 0x${ram}7000000
setenv kernel_addr 0x${ram}8000000
setenv initrd_addr 0x${ram}e000000

${devtype} dev ${devnum}
setenv found
for copy in 0 1; do
  if test ${copy} = 0; then setenv block 0x800; else setenv block 0x1000; fi
  if ${devtype} read ${state_addr} ${block} 8 && env import -c ${state_addr} 0x1000 BOOT_SEQ BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT; then
    setenv newer no
    if test -z "${found}"; then
      setenv newer yes
    else
      if test 0x${BOOT_SEQ} -gt 0x${seq}; then setenv newer yes; fi
    fi
    if test ${newer} = yes; then
      setenv found ${copy}
      setenv seq ${BOOT_SEQ}
      setenv order "${BOOT_ORDER}"
      setenv a_left ${BOOT_A_LEFT}
      setenv b_left ${BOOT_B_LEFT}
    fi
  else
    echo "proactive: copy ${copy} of the boot state is not readable"
  fi
done
if test -z "${found}"; then
  echo "proactive: no boot state, starting with three boots for each slot"
  setenv seq 1
  setenv order "A B"
  setenv a_left 3
  setenv b_left 3
fi

setenv slot
for candidate in ${order}; do
  if test -z "${slot}"; then
    if test ${candidate} = A && test ${a_left} -gt 0; then setenv slot A; fi
    if test ${candidate} = B && test ${b_left} -gt 0; then setenv slot B; fi
  fi
done
if test -z "${slot}"; then
  echo "proactive: no slot has boots left, trying both again"
  setenv a_left 3
  setenv b_left 3
  if test "${order}" = "B A"; then setenv slot B; else setenv slot A; fi
fi
if test ${slot} = A; then
  setexpr a_left ${a_left} - 1
  setenv part 2
else
  setexpr b_left ${b_left} - 1
  setenv part 3
fi

setexpr BOOT_SEQ 0x${seq} + 1
setenv BOOT_ORDER "${order}"
setenv BOOT_A_LEFT ${a_left}
setenv BOOT_B_LEFT ${b_left}
if test "${found}" = 0; then setenv block 0x1000; else setenv block 0x800; fi
if env export -c -s 0x1000 ${state_addr} BOOT_SEQ BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT; then
  ${devtype} write ${state_addr} ${block} 8
fi

echo "proactive: slot ${slot}, boots left A=${a_left} B=${b_left}"
if test "${devtype}" = "virtio"; then
  setenv console console=ttyAMA0
else
  setenv console "console=ttyS1,115200 console=tty1"
fi
setenv bootargs "rauc.slot=${slot} root=PARTUUID=50524f41-0${part} ro panic=10 loglevel=4 net.ifnames=0 ${console}"
if load ${devtype} ${devnum}:${part} ${kernel_addr} /boot/vmlinuz && load ${devtype} ${devnum}:${part} ${initrd_addr} /boot/initrd.img; then
  booti ${kernel_addr} ${initrd_addr}:${filesize} ${fdt_addr}
fi
echo "proactive: slot ${slot} has no kernel that starts"
sleep 1
reset
